"""What only makes it faster: rules on plain arrays, blocks, memory used again."""
