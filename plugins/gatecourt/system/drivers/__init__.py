"""How a system is run: its command in a fresh folder, under a deadline; or its artefacts as they were found."""
