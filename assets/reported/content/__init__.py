"""What packs and mails hold, read by the named queries beside them."""
