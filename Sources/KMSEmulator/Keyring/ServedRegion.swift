/// The Regions that the emulator answers for: those of the partition `aws`, whichever a request is signed for.
enum ServedRegion {
    /// <https://docs.aws.amazon.com/general/latest/gr/kms.html>; new ones of the same form count as well.
    static func isServed(_ name: String) -> Bool {
        name.wholeMatch(of: /(af|ap|ca|eu|il|me|mx|sa|us)-(central|(north|south)?(east|west)|north|south)-[1-9]/)
            != nil
    }
}
