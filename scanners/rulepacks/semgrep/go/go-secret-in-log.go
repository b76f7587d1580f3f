package sample

import (
	"fmt"

	"github.com/sirupsen/logrus"
)

func login(user, password string, auth struct{ Token string }) {
	// ruleid: go-secret-in-log
	logrus.Infof("login of %s with %s", user, password)
	// ruleid: go-secret-in-log
	logrus.WithField("token", auth.Token).Debug("login")
	// ok: go-secret-in-log
	logrus.Infof("login of %s, password set: %t", user, password != "")
	// ok: go-secret-in-log
	fmt.Println("no password for", user)
}
