// Package expression evaluates the expressions of a role.yaml: the values that
// it derives, and the rules that it makes. They read the values that they are
// given and nothing else, and they end soon, whoever wrote them: there are no
// loops in them, and no function makes much of little.
package expression

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/espgen/espgen/generator/tree"
)

// functions are those that an expression may call.
var functions = []string{"int", "len", "lower", "max", "min", "trimPrefix", "trimSuffix", "upper"}

// maxNodes is how long an expression may be, in operands and operators.
const maxNodes = 200

// A Program is an expression that was understood.
type Program struct {
	program *vm.Program
	bounds  bounds
}

// Compile reads an expression over values that are of the types of the sample.
func Compile(text string, sample tree.Tree) (*Program, error) {
	p := &Program{}
	options := []expr.Option{expr.Env(typesOf(sample)), expr.DisableAllBuiltins(), expr.MaxNodes(maxNodes), expr.Patch(&p.bounds)}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	var err error
	if p.program, err = expr.Compile(text, options...); err != nil {
		return nil, message(err)
	}
	return p, p.bounds.err
}

// IsBool reports whether the expression's value is true or false.
func (p *Program) IsBool() bool {
	t := p.program.Node().Type()
	return t != nil && t.Kind() == reflect.Bool
}

// Zero returns the zero of the type of the expression's value, nil where that
// is known only when it is evaluated.
func (p *Program) Zero() any {
	switch t := p.program.Node().Type(); {
	case t == nil:
		return nil
	case t.Kind() == reflect.Bool, t.Kind() == reflect.Int, t.Kind() == reflect.String:
		return reflect.Zero(t).Interface()
	}
	return nil
}

// typesOf returns the types of values, so that a wrong name or type is found
// before there are any values.
func typesOf(sample tree.Tree) types.Map {
	m := types.Map{}
	for key, value := range sample {
		switch v := value.(type) {
		case tree.Tree:
			m[key] = typesOf(v)
		case int:
			m[key] = types.Int
		case string:
			m[key] = types.String
		case bool:
			m[key] = types.Bool
		default:
			m[key] = types.Any
		}
	}
	return m
}

// Run evaluates the expression.
func (p *Program) Run(values tree.Tree) (any, error) {
	result, err := expr.Run(p.program, map[string]any(values))
	if err != nil {
		return nil, message(err)
	}
	return result, nil
}

// message is an error of expr in one line.
func message(err error) error {
	if e, ok := errors.AsType[*file.Error](err); ok {
		return fmt.Errorf("column %d: %s", e.Column+1, e.Message)
	}
	return err
}

// bounds refuses what could take long.
type bounds struct{ err error }

// Visit is called by expr for every node.
func (b *bounds) Visit(node *ast.Node) {
	what := ""
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		if n.Operator == ".." {
			what = "a range"
		}
	case *ast.PredicateNode:
		what = "a loop"
	case *ast.VariableDeclaratorNode:
		what = "let"
	}
	if what != "" && b.err == nil {
		b.err = fmt.Errorf("column %d: %s is not allowed here", (*node).Location().From+1, what)
	}
}
