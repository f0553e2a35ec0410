"""What a check of somebody's gradient does beside the comparison: asking, moving, watching, and telling it again."""
