import Ceremony
import Evidence

extension Interjection {
    /// Whether it ends the ceremony.
    var isAbort: Bool {
        if case .abort = self { true } else { false }
    }

    /// What it is, for the person who said it.
    var words: String {
        switch self {
        case .note(let by, let text): "a note by \(by), \"\(PercentEncoding.encode(text))\""
        case .exception(let by, let what, _, _): "an exception by \(by), \"\(PercentEncoding.encode(what))\""
        case .exhibit(let by, let name, _, _): "the exhibit \(name) by \(by)"
        case .abort(let by, let reason): "the end of the ceremony by \(by), \"\(PercentEncoding.encode(reason))\""
        }
    }
}
