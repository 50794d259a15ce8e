import Glibc

/// How wide what is written to standard output may be, or to people.
enum OutputWidth {
    private static let usual = 80
    /// Lines that are longer are hard to read, and shorter ones break every word.
    private static let bounds = 40...100

    /// In columns: the terminal's; where there is none, 80.
    static var columns: Int { columns(of: STDOUT_FILENO) }
    /// The same of standard error, which people read.
    static var columnsForPeople: Int { columns(of: STDERR_FILENO) }

    /// The terminal's behind standard error, as wide as it is; nil where there is none, or none that says so.
    static var terminalForPeople: Int? { terminal(of: STDERR_FILENO) }

    private static func columns(of descriptor: Int32) -> Int {
        min(max(terminal(of: descriptor) ?? usual, bounds.lowerBound), bounds.upperBound)
    }

    private static func terminal(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
