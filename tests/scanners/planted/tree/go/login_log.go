package registry

import "github.com/sirupsen/logrus"

type client struct{ user, password string }

func (c *client) login() {
	logrus.WithField("user", c.user).Debugf("logging in with password %s", c.password)
}
