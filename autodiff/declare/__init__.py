"""What an operation is: its block, its arguments, its meaning, its samples; and the table of all of them."""
