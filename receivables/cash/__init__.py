"""What a payment that names no paper is for: which open items its amount singles out."""
