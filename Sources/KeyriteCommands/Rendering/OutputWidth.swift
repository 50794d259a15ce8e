import Glibc

/// How wide what is written to standard output may be.
enum OutputWidth {
    private static let usual = 80
    /// Lines that are longer are hard to read, and shorter ones break every word.
    private static let bounds = 40...100

    /// In columns: the terminal's; where there is none, 80.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usual }
        return min(max(Int(size.ws_col), bounds.lowerBound), bounds.upperBound)
    }
}
