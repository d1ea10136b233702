package grade

import (
	"context"
	"errors"

	"github.com/espgen/espgen/course"
)

// TasksOf returns the Task of a [Class] for the exercises and students of a
// course.
func TasksOf(c *course.Course) func(ctx context.Context, exercise, student string) (Task, error) {
	return func(ctx context.Context, exercise, student string) (Task, error) {
		e, s := c.Exercise(exercise), c.Student(student)
		switch {
		case e == nil:
			return Task{}, &UnknownError{exercise}
		case s == nil:
			return Task{}, errors.New("the course has no student " + student)
		}
		handOut, err := c.HandOut(ctx, e, s)
		if err != nil {
			return Task{}, err
		}
		checks, err := c.Checks(ctx, e, s)
		if err != nil {
			return Task{}, err
		}
		return Task{Exercise: e.Name, Student: s.ID, HandOut: handOut.Files, Open: handOut.Open, Checks: checks, Show: e.Show}, nil
	}
}
