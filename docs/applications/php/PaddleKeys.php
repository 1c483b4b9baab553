<?php

/** The key in use. PADDLE_KEYS is an env file, or a folder with a file for each key; unset: the environment. */
final class PaddleKeys
{
    public static string $inUse;

    private static function read(string $name): string
    {
        $place = getenv('PADDLE_KEYS') ?: '';
        if (is_dir($place)) {
            return is_file("$place/$name") ? trim(file_get_contents("$place/$name")) : '';
        }
        $text = $place === '' ? "$name=" . getenv($name) : file_get_contents($place);
        return preg_match("/^\s*(?:export\s+)?$name=[\"']?([^\s\"'#]*)/m", $text, $found) ? $found[1] : '';
    }

    /** Reads again: the active key, or the old one if that was refused. Returns whether there is one that was not. */
    public static function reload(array $refused = []): bool
    {
        clearstatcache(true); // PHP keeps in mind for two minutes where links lead; Kubernetes moves them.
        $old = self::read('OLD_PADDLE_KEY'); // Before the active one, which may replace it just now.
        $active = self::read('ACTIVE_PADDLE_KEY') ?: throw new RuntimeException('there is no ACTIVE_PADDLE_KEY');
        self::$inUse = current(array_diff(array_filter([$active, $old]), $refused)) ?: $active;
        return !in_array(self::$inUse, $refused, true);
    }

    public static function fingerprint(): string
    {
        return 'sha256:' . substr(hash('sha256', self::$inUse), 0, 16);
    }
}

PaddleKeys::reload();
