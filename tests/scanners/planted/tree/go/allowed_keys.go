package annotations

import "regexp"

var allowed = regexp.MustCompile("enable_iommu|kernel_params")

func permitted(key string) bool {
	return allowed.MatchString(key)
}
