import CYaml

/// An anchor in a YAML file: a name for a value, by which aliases elsewhere stand for it.
///
/// It is looked for in the parser's events, before any value is made: aliases of aliases, of which a few lines have more than a
/// machine can hold, are then never followed.
struct YAMLAnchor {
    let name: String
    /// As `LINE:COLUMN`, from 1.
    let mark: String

    /// The first one; nil where there is none before the text's end, or before what is no YAML.
    static func first(in text: String) -> YAMLAnchor? {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { return nil }
        defer { yaml_parser_delete(&parser) }
        return Array(text.utf8).withUnsafeBufferPointer { bytes in
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            while true {
                var event = yaml_event_t()
                guard yaml_parser_parse(&parser, &event) == 1 else { return nil }
                defer { yaml_event_delete(&event) }
                if let name = anchor(of: event) {
                    return YAMLAnchor(
                        name: String(cString: name),
                        mark: "\(event.start_mark.line + 1):\(event.start_mark.column + 1)")
                }
                guard event.type != YAML_STREAM_END_EVENT else { return nil }
            }
        }
    }

    private static func anchor(of event: yaml_event_t) -> UnsafeMutablePointer<UInt8>? {
        switch event.type {
        case YAML_SCALAR_EVENT: event.data.scalar.anchor
        case YAML_SEQUENCE_START_EVENT: event.data.sequence_start.anchor
        case YAML_MAPPING_START_EVENT: event.data.mapping_start.anchor
        default: nil
        }
    }
}
