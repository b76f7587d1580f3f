package shim

func load(anno map[string]string, options Options) (*Config, error) {
	path := wantedFile(anno)
	if path == "" {
		path = options.File
	}
	// ruleid: go-annotation-names-configuration
	return settings.LoadConfiguration(path, false)
}

func loadOfSpec(spec Spec) (*Config, error) {
	var config Config
	// ruleid: go-annotation-names-configuration
	_, err := toml.DecodeFile(spec.Annotations["example.org/config"], &config)
	return &config, err
}

func loadOfOperator(anno map[string]string, options Options) (*Config, error) {
	path := options.File
	log.Printf("%d annotations", len(anno))
	// ok: go-annotation-names-configuration
	return settings.LoadConfiguration(path, false)
}
