package sample

import "encoding/json"

func parse(data []byte) (string, error) {
	var doc map[string]interface{}
	err := json.Unmarshal(data, &doc)
	if err != nil {
		return "", err
	}
	// ruleid: go-unchecked-type-assertion
	name := doc["name"].(string)
	// ok: go-unchecked-type-assertion
	image, ok := doc["image"].(string)
	if !ok {
		return "", nil
	}
	return name + image, nil
}
func whole(b []byte) string {
	var doc interface{}
	json.Unmarshal(b, &doc)
	// ruleid: go-unchecked-type-assertion
	text := doc.(string)
	// ok: go-unchecked-type-assertion
	other, ok := doc.(string)
	if ok {
		return other
	}
	return text
}
