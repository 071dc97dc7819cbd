"""What is kept about people, why and until when; what is over is deleted; files that say so."""
