<?php

/** An application that passes /call/… on to Paddle. */
require __DIR__ . '/../../../../docs/applications/php/client.php';
require __DIR__ . '/../../../../docs/applications/php/endpoint.php';

if (answersRotator()) {
    return;
}
$path = explode('/call', $_SERVER['REQUEST_URI'])[1] ?? null;
if ($path === null) {
    http_response_code(404);
    return;
}
[$status, $answer] = paddle($_SERVER['REQUEST_METHOD'], $path, json_decode(file_get_contents('php://input'), true));
http_response_code($status);
echo json_encode($answer);
