// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/replaycodec.h"

#include <QDataStream>
#include <QIODevice>

#include <type_traits>

namespace tidemark {

namespace {

/// To be raised when a list of fields below changes.
constexpr quint8 formatVersion = 3;

template<typename Archive, typename Row>
using Ref = std::conditional_t<Archive::writes, const Row, Row> &;

// One list of fields for both directions.
template<typename Archive>
void fields(Archive &a, Ref<Archive, pg::QualifiedName> v)
{
    a(v.schema, v.name);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, TimeRange> v)
{
    a(v.from, v.to);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, LastRefresh> v)
{
    a(v.confidence, v.source, v.at, v.bracket, v.probable);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, ConcurrentEligibility> v)
{
    a(v.eligible, v.reason);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, RunningRefresh> v)
{
    a(v.pid, v.startedAt, v.concurrently, v.user, v.applicationName, v.expected);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, ContinuousAggregateState::Range> v)
{
    a(v.from, v.to, v.pid);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, ContinuousAggregateState> v)
{
    a(v.hypertable, v.watermark, v.tailLag, v.invalidRanges, v.runningRanges, v.materializedOnly, v.finalized, v.policy,
      v.policyLag);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, Refreshable> v)
{
    a(v.oid, v.name, v.kind, v.owner, v.lastRefresh, v.lastChangedAt, v.lastDuration, v.recentDurations,
      v.sourceChanges, v.notJudgedBecause, v.sources, v.dependents, v.populated, v.concurrently, v.running,
      v.nextScheduled, v.schedule, v.bytesEstimate, v.rowsEstimate, v.target, v.aggregate);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, SourceRelation> v)
{
    a(v.oid, v.name, v.relkind, v.readBy, v.modifications);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, Job> v)
{
    a(v.scheduler, v.id, v.name, v.schedule, v.command, v.database, v.user, v.active, v.running, v.lastStartedAt,
      v.lastFinishedAt, v.lastSucceeded, v.lastMessage, v.nextStart, v.totalRuns, v.totalFailures, v.refreshes);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, Bound> v)
{
    a(v.kind, v.text, v.axis, v.rest);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, Partition> v)
{
    a(v.oid, v.parentOid, v.name, v.level, v.isLeaf, v.strategy, v.unit, v.keyText, v.isDefault, v.detachPending,
      v.isForeign, v.compressed, v.frozen, v.from, v.to, v.boundText, v.bytesEstimate, v.uncompressedBytes,
      v.rowsEstimate, v.modifications, v.lastModifiedSeenAt);
}
// What rollUp() makes of the partitions is not kept.
template<typename Archive>
void fields(Archive &a, Ref<Archive, PartitionedTable> v)
{
    a(v.oid, v.name, v.kind, v.strategy, v.keyText, v.unit, v.managedBy, v.intervalText, v.premake, v.ownBytes,
      v.ownRows, v.runsOut, v.retention, v.compressAfter, v.problem);
}
template<typename Archive>
void fields(Archive &a, Ref<Archive, pg::Capabilities> v)
{
    a(v.serverVersion, v.serverVersionText, v.systemIdentifier, v.timeline, v.databaseOid, v.database, v.user,
      v.inRecovery, v.tracksCommitTimestamps, v.blockSize);
}

class Writer
{
public:
    static constexpr bool writes = true;
    template<typename... Values>
    void operator()(const Values &...values)
    {
        (put(values), ...);
    }
    [[nodiscard]] QByteArray bytes() const { return m_bytes; }

private:
    template<typename T>
    void put(const T &value)
    {
        if constexpr (std::is_enum_v<T>)
            m_stream << static_cast<qint32>(value);
        else if constexpr (std::is_same_v<T, char>)
            m_stream << static_cast<qint8>(value);
        else if constexpr (std::is_arithmetic_v<T>)
            m_stream << value;
        else
            fields(*this, value);
    }
    void put(const QString &value) { m_stream << value.toUtf8(); }
    void put(Instant value) { m_stream << toEpochMicros(value); }
    void put(Millis value) { m_stream << static_cast<qint64>(value.count()); }
    template<typename T>
    void put(const std::optional<T> &value)
    {
        m_stream << value.has_value();
        if (value)
            put(*value);
    }
    template<typename T>
    void put(const std::vector<T> &values)
    {
        m_stream << static_cast<quint32>(values.size());
        for (const T &value : values)
            put(value);
    }

    QByteArray m_bytes;
    QDataStream m_stream{&m_bytes, QIODevice::WriteOnly};
};

class Reader
{
public:
    static constexpr bool writes = false;
    explicit Reader(const QByteArray &bytes)
        : m_stream(bytes)
    {
    }
    template<typename... Values>
    void operator()(Values &...values)
    {
        (get(values), ...);
    }
    [[nodiscard]] bool isWhole() const { return m_stream.status() == QDataStream::Ok && m_stream.atEnd(); }

private:
    template<typename T>
    T read()
    {
        T value{};
        m_stream >> value;
        return value;
    }
    template<typename T>
    void get(T &value)
    {
        if constexpr (std::is_enum_v<T>)
            value = static_cast<T>(read<qint32>());
        else if constexpr (std::is_same_v<T, char>)
            value = static_cast<char>(read<qint8>());
        else if constexpr (std::is_arithmetic_v<T>)
            value = read<T>();
        else
            fields(*this, value);
    }
    void get(QString &value) { value = QString::fromUtf8(read<QByteArray>()); }
    void get(Instant &value) { value = fromEpochMicros(read<qint64>()); }
    void get(Millis &value) { value = Millis(read<qint64>()); }
    template<typename T>
    void get(std::optional<T> &value)
    {
        value.reset();
        if (read<bool>())
            get(value.emplace());
    }
    template<typename T>
    void get(std::vector<T> &values)
    {
        const auto count = read<quint32>();
        values.clear();
        for (quint32 i = 0; i < count && m_stream.status() == QDataStream::Ok; ++i)
            get(values.emplace_back());
    }

    QDataStream m_stream;
};

template<typename... Rows>
QByteArray written(const Rows &...rows)
{
    Writer writer;
    writer(formatVersion, rows...);
    return writer.bytes();
}

template<typename... Rows>
bool readInto(const QByteArray &bytes, Rows &...rows)
{
    Reader reader(bytes);
    quint8 version = 0;
    reader(version);
    if (version != formatVersion)
        return false;
    reader(rows...);
    return reader.isWhole();
}

template<typename Row>
std::optional<Row> read(const QByteArray &bytes)
{
    Row row;
    return readInto(bytes, row) ? std::optional(std::move(row)) : std::nullopt;
}

} // namespace

QByteArray encoded(const Refreshable &row)
{
    return written(row);
}

QByteArray encoded(const SourceRelation &row)
{
    return written(row);
}

QByteArray encoded(const Job &row)
{
    return written(row);
}

QByteArray encoded(const PartitionedTable &row)
{
    return written(row);
}

QByteArray encoded(const Partition &row, quint32 root)
{
    return written(root, row);
}

QByteArray encoded(const pg::Capabilities &row)
{
    return written(row);
}

std::optional<Refreshable> decodedRefreshable(const QByteArray &bytes)
{
    return read<Refreshable>(bytes);
}

std::optional<SourceRelation> decodedSource(const QByteArray &bytes)
{
    return read<SourceRelation>(bytes);
}

std::optional<Job> decodedJob(const QByteArray &bytes)
{
    return read<Job>(bytes);
}

std::optional<PartitionedTable> decodedTable(const QByteArray &bytes)
{
    return read<PartitionedTable>(bytes);
}

std::optional<std::pair<quint32, Partition>> decodedPartition(const QByteArray &bytes)
{
    std::pair<quint32, Partition> found;
    return readInto(bytes, found.first, found.second) ? std::optional(std::move(found)) : std::nullopt;
}

std::optional<pg::Capabilities> decodedCapabilities(const QByteArray &bytes)
{
    return read<pg::Capabilities>(bytes);
}

} // namespace tidemark
