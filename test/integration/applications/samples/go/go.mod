module example.com/sample

go 1.19

require example.com/paddlekey v0.0.0

replace example.com/paddlekey => ../../../../../docs/applications/go
