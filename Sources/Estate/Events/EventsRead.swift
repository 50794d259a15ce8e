package import Evidence

/// What was seen while events were read.
package struct EventsRead: Sendable {
    /// Who reads on after so many has other files than CloudTrail's.
    private static let mostUnreadable = 1000

    /// How many records there were.
    package private(set) var records = 0
    /// Up to when there are records of KMS in the ceremony's account and Region; nil where there are none.
    package private(set) var newest: Timestamp?
    /// Whether one of those is of the ceremony's time, clocks allowed for.
    package private(set) var hasPeriod = false
    /// What may be about the ceremony and could not be read: where it lies, and why.
    package private(set) var unreadable: [EstateError] = []
    private var newestText = ""
    /// When it was asked, by AWS's clock; nil of exported events.
    private let asked: Timestamp?
    private let period: ClosedRange<Timestamp>
    /// Its ends as events write times.
    private let periodText: (from: String, until: String)

    /// - Parameters:
    ///   - period: The ceremony's time, clocks allowed for.
    ///   - asked: When AWS was asked, by its own clock; nil of exported events.
    init(of period: ClosedRange<Timestamp>, asked: Timestamp? = nil) {
        newest = asked
        self.asked = asked
        self.period = period
        periodText = (period.lowerBound.description, period.upperBound.description)
    }

    /// Refuses exported events among which there is none that could be a ceremony's: that its calls have no event would say
    /// nothing of the ceremony, and be taken for AWS's word against it.
    ///
    /// - Parameter reconciliation: Into which they were read.
    /// - Throws: `EstateError` where the ceremony made calls, and none of the events is of its account and Region.
    package func demandPlace(of reconciliation: Reconciliation) throws {
        guard asked == nil, newest == nil, reconciliation.hasMadeCalls else { return }
        throw EstateError(
            "--events",
            "\(counts), and the ceremony made calls in account \(reconciliation.aws.account), Region "
                + "\(reconciliation.aws.region); look whether it is the right account, Region, bucket prefix, and a trail "
                + "that keeps KMS's events")
    }

    /// Refuses to put on record, unless somebody says up to when the export reaches, that a ceremony's calls have no event
    /// where nothing of its time was seen.
    ///
    /// - Parameters:
    ///   - reconciliation: Into which they were read.
    ///   - said: When the events were exported, if somebody says so.
    /// - Throws: `EstateError` where the ceremony made calls, and none of the events is of its time.
    package func demandPeriod(of reconciliation: Reconciliation, said: Timestamp?) throws {
        guard asked == nil, said == nil, !hasPeriod, reconciliation.hasMadeCalls else { return }
        throw EstateError(
            "--events",
            "Nothing was recorded: no event of KMS in account \(reconciliation.aws.account), Region "
                + "\(reconciliation.aws.region) is of the ceremony's time, \(period.lowerBound) to \(period.upperBound); look "
                + "whether these are its days. If they are, say with --as-of when the events were exported")
    }

    /// How many records there were, and that none of them is of the place.
    private var counts: String {
        "of \(records) records none that can be read is KMS's of the plan's account and Region"
            + (unreadable.isEmpty ? "" : ", and what is listed as unreadable was not read (\(unreadable.count))")
    }

    /// Up to when AWS's record was seen: as somebody says, or as far as the events themselves reach.
    ///
    /// - Parameters:
    ///   - said: When the events were exported, if somebody says so.
    ///   - now: By this host's clock, which counts where AWS gave no time of its own.
    /// - Returns: nil where nothing tells.
    /// - Throws: `EstateError` for what is yet to come: of what nobody could have seen nothing is missing.
    package func asOf(_ said: Timestamp?, now: Timestamp) throws -> Timestamp? {
        guard let asOf = said ?? newest else { return nil }
        if let asked, asOf > asked {
            throw EstateError("--as-of", "\(asOf) is yet to come: CloudTrail was asked at \(asked); leave it out")
        }
        if asked == nil, asOf > now.advanced(bySeconds: TimeStampFiles.clockTolerance) {
            let what = said == nil ? "the newest event's time, \(asOf)," : "\(asOf)"
            throw EstateError(
                said == nil ? "--events" : "--as-of",
                "\(what) is yet to come: by this host's clock it is \(now); look which of them is wrong")
        }
        return asOf
    }

    mutating func count() { records += 1 }

    /// Whether a time, as events write it, lies after all before it, or is the first of the ceremony's time.
    func isNews(_ time: String) -> Bool {
        time > newestText || !hasPeriod && periodText.from <= time && time <= periodText.until
    }

    mutating func reaches(_ time: Timestamp?) {
        guard let time else { return }
        hasPeriod = hasPeriod || period.contains(time)
        guard time >= newest ?? time else { return }
        newest = time
        newestText = time.description
    }

    /// - Throws: `EstateError` for one too many.
    mutating func add(_ error: EstateError) throws {
        guard unreadable.count < Self.mostUnreadable else {
            throw EstateError(
                error.path, "over \(Self.mostUnreadable) records cannot be read; is it what CloudTrail wrote?")
        }
        unreadable.append(error)
    }
}
