<?php

/** Tells the rotator which key this machine uses, where the rotator cannot ask it. For cron, every two minutes. */
require_once __DIR__ . '/PaddleKeys.php';

['ROTATOR_URL' => $url, 'ROTATOR_TOKEN' => $token, 'ROTATOR_CONSUMER' => $consumer] = getenv();
$fingerprint = PaddleKeys::fingerprint();
$content = json_encode(compact('consumer', 'fingerprint') + ['instance' => gethostname()]);
$header = ["Authorization: Bearer $token", 'Content-Type: application/json'];
$http = compact('header', 'content') + ['method' => 'POST', 'timeout' => 10, 'follow_location' => 0];
if (file_get_contents("$url/attestations", false, stream_context_create(['http' => $http])) === false) {
    exit(1); // PHP has said why.
}
