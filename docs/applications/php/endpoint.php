<?php

/** Tells the rotator which key is in use, and reads the keys again when it notifies. */
require_once __DIR__ . '/PaddleKeys.php';

/** Call it first. Returns true if it has answered the request. */
function answersRotator(): bool
{
    $route = $_SERVER['REQUEST_METHOD'] . ' ' . strtok($_SERVER['REQUEST_URI'], '?');
    if ($route === 'GET /paddle-key') {
        header('Content-Type: application/json');
        echo json_encode(['fingerprint' => PaddleKeys::fingerprint()]);
    } elseif ($route === 'POST /paddle-key/reload') {
        http_response_code(isNotified() && PaddleKeys::reload() ? 204 : 401);
    } else {
        return false;
    }
    return true;
}

/** Signed as https://www.standardwebhooks.com has it. One that comes again does no harm. */
function isNotified(): bool
{
    $secret = base64_decode(substr(getenv('PADDLE_KEY_SECRET'), strlen('whsec_')));
    $header = fn(string $name): string => $_SERVER["HTTP_WEBHOOK_$name"] ?? '';
    $content = "{$header('ID')}.{$header('TIMESTAMP')}." . file_get_contents('php://input', length: 16_384);
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $content, $secret, true));
    $given = array_filter(explode(' ', $header('SIGNATURE')), fn($each) => hash_equals($expected, $each));
    return strlen($secret) >= 24 && $given && abs(time() - (int) $header('TIMESTAMP')) < 300;
}
