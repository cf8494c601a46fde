"""What runs when: definitions, jobs, delivery and the command line."""
