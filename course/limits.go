package course

// The limits of a course folder. What is beyond them is not a class.
const (
	maxFile      = 1 << 20  // bytes of a course.yaml, a spec or a file of checks
	maxRoster    = 32 << 20 // bytes
	maxStudents  = 100_000
	maxColumns   = 100
	maxExercises = 100
	maxTitle     = 200      // bytes
	maxText      = 64 << 10 // bytes
	maxName      = 64       // bytes, of an exercise, a step, a check, an id
	maxCell      = 1024     // bytes
	maxPath      = 1024     // bytes

	maxSourceFiles = 1000     // of a C project
	maxSourceFile  = 1 << 20  // bytes
	maxSources     = 16 << 20 // bytes of all of its files
)
