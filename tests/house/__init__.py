"""The project itself: its layers, its package."""
