import AWS

/// HTML in which text can only stand escaped: what is interpolated is text, unless it is markup itself.
///
/// <https://html.spec.whatwg.org/multipage/syntax.html>
struct Markup: ExpressibleByStringInterpolation, Hashable, Sendable {
    let source: String

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var source = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            source.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { source += literal }
        mutating func appendInterpolation(_ text: String) { source += Markup.escaped(text) }
        mutating func appendInterpolation(_ number: Int) { source += String(number) }
        mutating func appendInterpolation(_ markup: Markup) { source += markup.source }
        mutating func appendInterpolation(_ all: [Markup]) { for markup in all { source += markup.source } }
    }

    private init(_ source: String) { self.source = source }

    init(stringLiteral source: String) { self.source = source }
    init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

    static let empty: Markup = ""

    /// What stands in a `style` or `script` element, which have no escapes: only this program's own.
    ///
    /// - Parameter text: Without `</`, and without `<!--`.
    static func own(_ text: StaticString) -> Markup { Markup(text.description) }

    /// For between tags, and for an attribute's value in quotes. What cannot be seen, or turns the direction of what
    /// stands beside it, is a space.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in Printable.text(text, limit: longest).unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// No name or ARN of AWS's is longer.
    private static let longest = 2_048
}
