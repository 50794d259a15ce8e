import Ceremony
import Evidence
import Room

extension Refusal {
    /// What people are told before they decide once more: `carol refused attempt 1 of release: the fingerprint differs`.
    var words: String {
        let said = reason.map { encoded -> String in
            // What could deceive who reads it stays as it was signed.
            guard let text = try? PercentEncoding.decode(encoded), ShownText.offence(in: text) == nil,
                !text.contains(where: \.isNewline)
            else { return encoded }
            return text
        }
        return "\(name) refused attempt \(attempt) of \(gate.rawValue)" + (said.map { ": \($0)" } ?? "")
    }
}
