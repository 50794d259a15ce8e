extension AWSEvent {
    /// Until when KMS was asked to keep what was imported, as far as an event tells.
    package enum ToldExpiry: Hashable, Sendable {
        case read(Expiry)
        /// It cannot be read; what stands there instead, in words, of which the texts are percent-encoded.
        case unread(String)

        /// KMS's documentation has what an import asks for: material expires unless it is said that it does not, and only
        /// what expires has a time.
        ///
        /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
        ///
        /// - Parameters:
        ///   - model: What stands under `expirationModel`; nil for nothing.
        ///   - validTo: What stands under `validTo`; nil for nothing.
        init(model: StrictJSON?, validTo: StrictJSON?) {
            let (model, time) = (Asked(model), Asked(validTo))
            switch (model, time) {
            case (.text("KEY_MATERIAL_DOES_NOT_EXPIRE"), .nothing):
                self = .read(.never)
                return
            case (.text("KEY_MATERIAL_EXPIRES"), _), (.nothing, _):
                if let moment = time.moment {
                    self = .read(.at(moment))
                    return
                }
            default: break
            }
            self = .unread("its expirationModel is \(model.words), and its validTo \(time.words)")
        }

        /// The expiry, else what stands there.
        var text: String {
            switch self {
            case .read(let expiry): expiry.text
            case .unread(let words): words
            }
        }
    }
}

/// What stands under a name of what was asked.
private enum Asked {
    case nothing
    /// Percent-encoded.
    case text(String)
    case longText
    case number(Double)
    case other

    /// The most bytes of a text that is looked at.
    private static let longest = 2048

    init(_ value: StrictJSON?) {
        switch value {
        case nil, .null?: self = .nothing
        case .string(let text)?: self = text.utf8.count > Self.longest ? .longText : .text(PercentEncoding.encode(text))
        case .number(let digits)?: self = Double(digits).map { .number($0) } ?? .other
        default: self = .other
        }
    }

    var words: String {
        switch self {
        case .nothing: "none"
        case .text(let text): text
        case .longText: "a text of over \(Self.longest) bytes"
        case .number: "a number that is no moment in whole seconds"
        case .other: "neither a text nor a number"
        }
    }

    /// nil for what is none, or is not written in a way that leaves no doubt.
    var moment: Timestamp? {
        switch self {
        case .text(let text): Self.words(text) ?? Self.standard(text)
        case .number(let seconds):
            seconds >= 0 && seconds <= Double(Timestamp(epochSeconds: .max).epochSeconds)
                && seconds.rounded(.down) == seconds ? Timestamp(epochSeconds: Int64(seconds)) : nil
        case .nothing, .longText, .other: nil
        }
    }

    /// A moment as events have their own (ISO 8601), also with a fraction of a second that is none.
    private static func standard(_ text: String) -> Timestamp? {
        text.wholeMatch(of: /([0-9T:-]+)(?:\.0{1,9})?Z/).flatMap { Timestamp("\($0.1)Z") }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A moment as CloudTrail writes it among what was asked, such as `May 21, 2025, 5:47:45 AM`, in UTC: as Java's versions
    /// and locales have it, with or without the second comma and leading zeros, with a space that does not break, or a narrow
    /// one, before the half of the day, and that in capitals or not.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-importkeymaterial.html>
    private static func words(_ text: String) -> Timestamp? {
        let words =
            #/
            ([A-Z][a-z]{2})\x20(0?[1-9]|[12][0-9]|3[01]),\x20([0-9]{4}),?
            \x20(0?[1-9]|1[0-2]):([0-9]{2}:[0-9]{2})(?:\x20|%C2%A0|%E2%80%AF)(AM|PM|am|pm)
            /#
        guard let (_, name, date, year, clock, rest, half) = text.wholeMatch(of: words)?.output,
            let month = months.firstIndex(of: String(name)), let day = Int(date), let hour = Int(clock)
        else { return nil }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let hours = hour % 12 + (half.lowercased() == "pm" ? 12 : 0)
        return Timestamp("\(year)-\(padded(month + 1))-\(padded(day))T\(padded(hours)):\(rest)Z")
    }
}
