extension AWSEvent {
    /// Until when KMS was asked to keep the material; nil where the event tells no such time.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-importkeymaterial.html>
    package var expiry: Expiry? {
        switch (expirationModel, validTo) {
        case ("KEY_MATERIAL_DOES_NOT_EXPIRE", nil): .never
        case ("KEY_MATERIAL_EXPIRES", let time?): Self.moment(time).map { .at($0) }
        default: nil
        }
    }

    /// What the event has of the expiry, in words.
    var shownExpiry: String {
        expiry.map { "with the expiry \($0.text)" }
            ?? "with the expiration model \(expirationModel ?? "none"), valid to \(validTo ?? "none")"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A moment as CloudTrail writes it among what was asked, such as `May 21, 2025, 5:47:45 AM`, in UTC: with or without the
    /// second comma, and with a narrow space before the half of the day, as Java's versions have it; or as events have their own.
    ///
    /// - Parameter text: Percent-encoded.
    private static func moment(_ text: String) -> Timestamp? {
        let words =
            #/
            ([A-Z][a-z]{2})\x20([1-9][0-9]?),\x20([0-9]{4}),?
            \x20([1-9][0-9]?):([0-9]{2}:[0-9]{2})(?:\x20|%E2%80%AF)(AM|PM)
            /#
        guard let (_, name, date, year, clock, rest, half) = text.wholeMatch(of: words)?.output else {
            return Timestamp(text)
        }
        guard let month = months.firstIndex(of: String(name)), let day = Int(date), let hour = Int(clock), hour <= 12
        else { return nil }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let hours = hour % 12 + (half == "PM" ? 12 : 0)
        return Timestamp("\(year)-\(padded(month + 1))-\(padded(day))T\(padded(hours)):\(rest)Z")
    }
}
