"""Random worlds of everything the trade knows, closed in random steps under every audit."""
