package sample

import "net/http"

func status(url string) (int, error) {
	// ruleid: go-http-body-not-closed
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func do(client *http.Client, req *http.Request) bool {
	// ruleid: go-http-body-not-closed
	resp, err := client.Do(req)
	return err == nil && resp.StatusCode == http.StatusOK
}

func closed(url string) (int, error) {
	// ok: go-http-body-not-closed
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func given(client *http.Client, req *http.Request) (*http.Response, error) {
	// ok: go-http-body-not-closed
	resp, err := client.Do(req)
	return resp, err
}
