package sample

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

func dial(addr string, creds credentials.TransportCredentials) {
	// ruleid: go-grpc-plaintext
	grpc.Dial(addr, grpc.WithInsecure())

	// ruleid: go-grpc-plaintext
	grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))

	// ok: go-grpc-plaintext
	grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
}
func local(path string) {
	// ok: go-grpc-plaintext
	grpc.NewClient("unix://"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
}
