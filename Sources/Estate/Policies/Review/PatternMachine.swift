/// Reads texts letter by letter against many patterns at once.
///
/// What a text comes to is the places in the patterns that it can have got to: two texts that got to the same places
/// go on alike, whatever comes.
struct PatternMachine {
    private enum Token {
        /// Any number of letters.
        case any
        case one
        /// A letter, in either of its cases where case does not count.
        case letter(UInt8, UInt8)
        /// Where a text must end for the pattern to mean it.
        case end(pattern: Int)
    }

    private var tokens: [Token] = []
    private var starts: [Int] = []

    /// - Parameters:
    ///   - isPlain: Whether `*` and `?` are letters like others.
    ///   - ignoresCase: In A to Z.
    /// - Returns: The pattern's number.
    mutating func add(_ pattern: String, isPlain: Bool = false, ignoresCase: Bool = false) -> Int {
        starts.append(tokens.count)
        for scalar in pattern.unicodeScalars {
            switch scalar {
            case "*" where !isPlain: tokens.append(.any)
            case "?" where !isPlain: tokens.append(.one)
            default:
                // No text that is read here has any other letter.
                let letter = scalar.isASCII ? UInt8(scalar.value) : 0
                let isCased = ignoresCase && (0x41...0x5A).contains(letter & ~0x20)
                tokens.append(.letter(letter, isCased ? letter ^ 0x20 : letter))
            }
        }
        tokens.append(.end(pattern: starts.count - 1))
        return starts.count - 1
    }

    /// The places before anything was read.
    func start(_ patterns: [Int]) -> [Int] { closed(patterns.map { starts[$0] }) }

    func places(_ places: [Int], after text: some Sequence<UInt8>) -> [Int] {
        text.reduce(places) { self.places($0, after: $1) }
    }

    func places(_ places: [Int], after letter: UInt8) -> [Int] {
        closed(
            places.compactMap { place in
                switch tokens[place] {
                case .any: place
                case .one: place + 1
                case .letter(let one, let other): letter == one || letter == other ? place + 1 : nil
                case .end: nil
                }
            })
    }

    /// The patterns that mean a text that got to these places.
    func meaning(_ places: [Int]) -> [Int] {
        places.compactMap { if case .end(let pattern) = tokens[$0] { pattern } else { nil } }
    }

    /// The letters with which it goes on otherwise than with all others.
    func letters(_ places: [Int]) -> Set<UInt8> {
        var letters: Set<UInt8> = []
        for place in places {
            guard case .letter(let one, let other) = tokens[place] else { continue }
            letters.formUnion([one, other])
        }
        return letters
    }

    /// With the places behind each `*`, which can stand for nothing.
    private func closed(_ places: [Int]) -> [Int] {
        var all: Set<Int> = []
        for var place in places where all.insert(place).inserted {
            while case .any = tokens[place] {
                place += 1
                all.insert(place)
            }
        }
        return all.sorted()
    }
}
