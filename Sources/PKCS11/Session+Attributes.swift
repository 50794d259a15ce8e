import CP11Kit

/// Reading objects back: what a token made of a template is what it says afterwards, not what was asked.
extension Session {
    /// What the token says about each of these attributes of an object.
    ///
    /// Key material is never fetched, only its size asked for: see `AttributeAnswer.exposed`.
    ///
    /// - Throws: `PKCS11Error` when the token answers other than the standard says (PKCS#11 2.40, C_GetAttributeValue).
    package func attributes(
        _ types: [AttributeType], of object: Object
    ) throws -> [AttributeType: AttributeAnswer] {
        var answers: [AttributeType: AttributeAnswer] = [:]
        var sizes: [(type: AttributeType, size: Int)] = []
        let query = Template(sizesOf: types)
        let value = try getAttributeValue(query, of: object, admitting: [.attributeSensitive, .attributeTypeInvalid])
        for (index, type) in types.enumerated() {
            switch query.size(at: index) {
            case nil where value == .ok:
                throw failure("C_GetAttributeValue", .unexpectedAnswer("CKR_OK, but no size for \(type)"))
            case nil: answers[type] = try reasonForSilence(about: type, of: object)
            case .some(let size) where size > Self.largestAttribute:
                throw failure("C_GetAttributeValue", .unexpectedAnswer("\(type) is said to have \(size) bytes"))
            case .some(let size) where type.isKeyMaterial: answers[type] = .exposed(size: size)
            case .some(let size): sizes.append((type, size))
            }
        }
        guard !sizes.isEmpty else { return answers }
        let template = Template(sizes)
        _ = try getAttributeValue(template, of: object, admitting: [])
        for (index, entry) in sizes.enumerated() {
            guard let bytes = template.bytes(at: index, expecting: entry.size) else {
                throw failure("C_GetAttributeValue", .unexpectedAnswer("\(entry.type) changed its size"))
            }
            answers[entry.type] = .value(bytes)
        }
        return answers
    }

    /// Which attributes an object has otherwise than a template says, with what it has instead; empty when all agree.
    package func differences(
        of object: Object, from template: [Attribute]
    ) throws -> [AttributeType: AttributeAnswer] {
        let answers = try attributes(template.map(\.type), of: object)
        return answers.filter { type, answer in
            !template.contains { $0.type == type && answer == .value($0.bytes) }
        }
    }

    /// More than any attribute of a key has; what a token says is no reason to allocate more.
    private static let largestAttribute = 65_536

    /// One attribute alone, because an answer for several does not say which of them it is about.
    private func reasonForSilence(about type: AttributeType, of object: Object) throws -> AttributeAnswer {
        let query = Template(sizesOf: [type])
        switch try getAttributeValue(query, of: object, admitting: [.attributeSensitive, .attributeTypeInvalid]) {
        case .attributeSensitive: return .sensitive
        case .attributeTypeInvalid: return .unavailable
        default:
            throw failure("C_GetAttributeValue", .unexpectedAnswer("\(type) is there only when asked for alone"))
        }
    }

    private func getAttributeValue(
        _ template: borrowing Template, of object: Object, admitting others: Set<ReturnValue>
    ) throws -> ReturnValue {
        try requireOpen("C_GetAttributeValue")
        let value = try template.withPointer { entries, count in
            try answer(of: "C_GetAttributeValue", at: place, functions.C_GetAttributeValue) {
                $0(handle, object.handle, entries, count)
            }
        }
        guard value == .ok || others.contains(value) else {
            throw failure("C_GetAttributeValue", .returned(value))
        }
        return value
    }
}
