package millrace

// isFunctionName says whether a text has the form of a function's name: rule name-form.
func isFunctionName[T string | []byte](name T) bool {
	if len(name) == 0 || len(name) > nameBytesMax {
		return false
	}
	for at := 0; at < len(name); at++ {
		b := name[at]
		letter := b|0x20 >= 'a' && b|0x20 <= 'z'
		digit := b >= '0' && b <= '9'
		mark := at > 0 && (b == '-' || b == '.' || b == '_')
		if !letter && !digit && !mark {
			return false
		}
	}
	return true
}
