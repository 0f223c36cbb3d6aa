"""What documents and questions must not ask for: orders to the machine, secrets, and harm."""
