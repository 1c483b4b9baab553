<?php

/** Calls Paddle with the active key. If Paddle refuses it: with the one that is active now, then with the old one. */
require_once __DIR__ . '/PaddleKeys.php';

/** Returns the status and the JSON of the answer. A refused request has done nothing: sending it again is safe. */
function paddle(string $method, string $path, ?array $body = null): array
{
    $tried = [];
    do {
        $tried[] = PaddleKeys::$inUse;
        [$status, $answer] = paddleOnce(end($tried), $method, $path, $body);
        // Paddle answers a dead key with 403, as it does a lack of permission.
        $isRefused = $status === 403 && ($answer['error']['code'] ?? '') === 'invalid_token';
    } while ($isRefused && count($tried) < 3 && PaddleKeys::reload($tried));
    return [$status, $answer];
}

function paddleOnce(#[SensitiveParameter] string $key, string $method, string $path, ?array $body): array
{
    $header = ["Authorization: Bearer $key", 'Content-Type: application/json'];
    $content = $body === null ? '' : json_encode($body);
    $http = compact('method', 'header', 'content') + ['timeout' => 10, 'ignore_errors' => true, 'follow_location' => 0];
    $url = (getenv('PADDLE_API_URL') ?: 'https://api.paddle.com') . $path;
    $stream = fopen($url, 'r', false, stream_context_create(['http' => $http]));
    if ($stream === false) {
        throw new RuntimeException('Paddle could not be reached');
    }
    $status = explode(' ', stream_get_meta_data($stream)['wrapper_data'][0])[1];
    return [(int) $status, json_decode(stream_get_contents($stream), true)];
}
