module example.com/paddlekey

go 1.19
