/**
 * Signatures that Paddle's official SDKs publish in their own tests (all Apache-2.0). The secrets are test data of
 * those repositories and open nothing.
 */

export type Vector = {
  readonly source: string;
  readonly secrets: readonly string[];
  /** Epoch seconds. */
  readonly ts: number;
  readonly header: string;
  readonly body: string;
};

const NODE = "PaddleHQ/paddle-node-sdk src/__tests__/notifications/webhooks-validator.node.test.ts";
const GO = "PaddleHQ/paddle-go-sdk webhook_verifier_test.go";
const PHP = "PaddleHQ/paddle-php-sdk tests/Unit/Notifications/VerifierTest.php";
const PYTHON = "PaddleHQ/paddle-python-sdk tests/Unit/Notification/test_Verifier.py";

const PYTHON_SECRET = "pdl_ntfset_01hs0t3tw21j988db1pam5xg8m_GrOWLNef+vmtjJYq4mSnHNzvc8uWoJ1I";

/** The Node.js SDK accepts this one up to 5 s after `ts` and not at 6 s. */
export const NODE_VECTOR: Vector = {
  source: NODE,
  secrets: ["VALID_SECRET"],
  ts: 1698796800,
  header: "ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9",
  body: '{"data": ["1", "2"]}',
};

export const VECTORS: readonly Vector[] = [
  NODE_VECTOR,
  {
    source: `${NODE} (several h1 and an unknown field)`,
    secrets: ["VALID_SECRET"],
    ts: 1698796800,
    header:
      "ts=1698796800;h1=28981e941fae76e53db32f3d2a83cb69db41476595e84e1970a1b5d98f62b261" +
      ";h1=28981e941fae76e53db32f3d2a83cb69db41476595e84e1970a1b5d98f62b261;h2=RANDOM_HASH",
    body: '{"data": "value"}',
  },
  {
    source: GO,
    secrets: ["pdl_ntfset_01hsdn8d43dt7mezr1ef2jtbaw_hKkRiCGyyRhbFwIUuqiTBgI7gnWoV0Gr"],
    ts: 1710929255,
    header: "ts=1710929255;h1=6c05ef8fa83c44d751be6d259ec955ce5638e2c54095bf128e408e2fce1589c8",
    body: '{"data":{"id":"pri_01hsdn96k2hxjzsq5yerecdj9j","name":null,"status":"active","quantity":{"maximum":999999,"minimum":1},"tax_mode":"account_setting","product_id":"pro_01hsdn8qp7yydry3x1yeg6a9rv","unit_price":{"amount":"1000","currency_code":"USD"},"custom_data":null,"description":"testing","import_meta":null,"trial_period":null,"billing_cycle":{"interval":"month","frequency":1},"unit_price_overrides":[]},"event_id":"evt_01hsdn97563968dy0szkmgjwh3","event_type":"price.created","occurred_at":"2024-03-20T10:07:35.590857Z","notification_id":"ntf_01hsdn977e920kbgzt6r6c9rqc"}',
  },
  {
    source: `${PHP} (the first h1 is no hash, and the third secret is the right one)`,
    secrets: [
      "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_TjIG2BXbm83HPXqNfziwe506sBEdqL/4",
      "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_vB/yIOnTOCWIvpBadM5jzBZPHc7OmdSo",
      "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_WvRO0eL4Bj9rgYYIBZY6wZhG4EHy9jzh",
    ],
    ts: 1696195954,
    header: "ts=1696195954;h1=dummy;h1=d96299976a6eb066f484d7fde011ac56fc32b38fc9940bc419d6e537fdc6ef02",
    body: "hello-world",
  },
  {
    source: `${PYTHON} (standard_payload.json)`,
    secrets: [PYTHON_SECRET],
    ts: 1710498758,
    header: "ts=1710498758;h1=558bf93944dbeb4790c7a8af6cb2ea435c8ca9c8396aafc1a4e37424ac132744",
    body: '{"data":{"id":"ctm_01hs0tqf76sxmp7ba5e4mw1sc8","name":"John Doe","email":"blackhole+verification2@paddle.com","locale":"en","status":"active","created_at":"2024-03-15T10:32:37.862Z","updated_at":"2024-03-15T10:32:37.862Z","custom_data":null,"import_meta":null,"marketing_consent":false},"event_id":"evt_01hs0tqfme2xwb2hvwv87p8y3w","event_type":"customer.created","occurred_at":"2024-03-15T10:32:38.286848Z","notification_id":"ntf_01hs0tqfrhgkyp39x4wyvy7h6n"}',
  },
  {
    source: `${PYTHON} (special_chars_payload.json)`,
    secrets: [PYTHON_SECRET],
    ts: 1710498288,
    header: "ts=1710498288;h1=38219b3ba1578184e625c29d201a27cd25bd69e2ec9c3ab87dcb90d87ff73a41",
    body: '{"data":{"id":"ctm_01hs0t94g83hs5jdw282ztqa4z","name":"\\u00dc\\u00c4\\u00c5\\u00e5\\u00d6\\u00dc\\u00c4\\u00c5\\u00e5\\u00d6","email":"blackhole+verification1@paddle.com","locale":"en","status":"active","created_at":"2024-03-15T10:24:48.136Z","updated_at":"2024-03-15T10:24:48.136Z","custom_data":null,"import_meta":null,"marketing_consent":false},"event_id":"evt_01hs0t94tjvtv62azjmkbeysz7","event_type":"customer.created","occurred_at":"2024-03-15T10:24:48.466759Z","notification_id":"ntf_01hs0t94ws0ay8keh5t4rq70ht"}',
  },
];
