import CryptoPrimitives

/// One line of `transcript.jsonl`.
package struct JournalLine: Hashable, Sendable {
    /// 1 for the first line, then one more each.
    package let seq: Int
    /// The SHA-256 of the previous line, its LF included; 64 zeros before the first.
    package let prev: String
    package let at: Timestamp
    /// The host that wrote it, by its own word.
    package let host: String
    package let event: Event

    package init(seq: Int, prev: String, at: Timestamp, host: String, event: Event) {
        self.seq = seq
        self.prev = prev
        self.at = at
        self.host = host
        self.event = event
    }
}

extension JournalLine: Codable {
    private enum CodingKeys: String, CodingKey {
        case seq, prev, at, host, kind, body
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        seq = try container.decode(Int.self, forKey: .seq)
        prev = try container.decode(String.self, forKey: .prev)
        at = try container.decode(Timestamp.self, forKey: .at)
        host = try container.decode(String.self, forKey: .host)
        let kind = try container.decode(EventKind.self, forKey: .kind)
        event = try Event(kind: kind, from: container, forKey: .body)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(seq, forKey: .seq)
        try container.encode(prev, forKey: .prev)
        try container.encode(at, forKey: .at)
        try container.encode(host, forKey: .host)
        try container.encode(event.kind, forKey: .kind)
        try container.encode(event.body, forKey: .body)
    }
}
