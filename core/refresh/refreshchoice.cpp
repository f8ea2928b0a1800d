// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshchoice.h"

#include "core/base/words.h"

#include <array>

namespace tidemark::refresh {

namespace {

constexpr std::array methods{Word{Method::Concurrently, "concurrently"},
                             Word{Method::Plain, "plain"},
                             Word{Method::NoData, "with_no_data"},
                             Word{Method::Range, "range"},
                             Word{Method::Delta, "delta"},
                             Word{Method::Ivm, "pg_ivm"}};

RefreshChoice lockingReadersOut(RefreshChoice choice, const RefreshCandidate &candidate, const RefreshSpec &spec)
{
    choice.lock = LockMode::AccessExclusive;
    choice.locksReadersOut = candidate.populated;
    if (choice.locksReadersOut && !spec.acceptsLock && spec.way != Way::Plain) {
        choice.needsAcceptance = true;
        choice.obstacle =
            QStringLiteral("it would lock readers out while it runs, which nobody accepted: %1").arg(choice.because);
    }
    return choice;
}

RefreshChoice chooseView(const RefreshCandidate &view, const RefreshSpec &spec)
{
    RefreshChoice choice;
    if (spec.withNoData) {
        choice.method = Method::NoData;
        choice.because = QStringLiteral("asked for: nothing can be read from it until it is refreshed");
        choice.lock = LockMode::AccessExclusive;
        choice.locksReadersOut = view.populated;
        return choice;
    }
    if (view.concurrently.eligible && spec.way != Way::Plain) {
        choice.method = Method::Concurrently;
        choice.because = QStringLiteral("readers go on");
        choice.lock = LockMode::Exclusive;
        return choice;
    }
    choice.method = Method::Plain;
    choice.because = spec.way == Way::Plain && view.concurrently.eligible ? QStringLiteral("asked for")
                                                                          : view.concurrently.reason;
    if (spec.way == Way::Concurrently) {
        choice.obstacle = QStringLiteral("it cannot be refreshed concurrently: %1").arg(view.concurrently.reason);
        return choice;
    }
    return lockingReadersOut(choice, view, spec);
}

QString boundary(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("NULL") : pg::quoteLiteral(text);
}

} // namespace

QString toWord(Method method)
{
    return wordOf(methods, method);
}

RefreshChoice choose(const RefreshCandidate &candidate, const RefreshSpec &spec)
{
    RefreshChoice choice;
    if (candidate.kind == RefreshableKind::ContinuousAggregate) {
        choice.method = Method::Range;
        choice.because = QStringLiteral("readers go on");
        if (spec.withNoData)
            choice.obstacle = QStringLiteral("TimescaleDB empties no continuous aggregate");
    } else if (candidate.kind == RefreshableKind::ManagedTable) {
        choice.method = Method::Delta;
        choice.because = QStringLiteral("only rows that differ are touched, and readers go on");
        if (spec.withNoData)
            choice.obstacle = QStringLiteral("a managed table is not emptied by a refresh");
    } else if (candidate.kind == RefreshableKind::PgIvmTable) {
        choice.method = Method::Ivm;
        choice.because = QStringLiteral("pg_ivm makes it anew");
        if (spec.withNoData)
            choice.obstacle = QStringLiteral("a table of pg_ivm is not emptied by a refresh");
        else if (spec.way == Way::Concurrently)
            choice.obstacle = QStringLiteral("pg_ivm cannot make it anew concurrently");
        else
            choice = lockingReadersOut(choice, candidate, spec);
    } else {
        choice = chooseView(candidate, spec);
    }
    if (!candidate.obstacle.isEmpty())
        choice.obstacle = candidate.obstacle;
    if (!candidate.mayRefresh) {
        choice.needsAcceptance = false;
        choice.obstacle = QStringLiteral("this role may not: it belongs to %1").arg(candidate.owner);
    }
    return choice;
}

QString statementOf(const RefreshCandidate &candidate, Method method, const RefreshSpec &spec,
                    const pg::Capabilities &capabilities)
{
    const QString name = candidate.name.quoted();
    const auto function = [&capabilities](const char *extension, const char *called) {
        return pg::QualifiedName{capabilities.extensionSchemas.value(QString::fromLatin1(extension)),
                                 QString::fromLatin1(called)}
            .quoted();
    };
    switch (method) {
    case Method::Concurrently:
        return QStringLiteral("REFRESH MATERIALIZED VIEW CONCURRENTLY ") + name;
    case Method::Plain:
        return QStringLiteral("REFRESH MATERIALIZED VIEW ") + name;
    case Method::NoData:
        return QStringLiteral("REFRESH MATERIALIZED VIEW %1 WITH NO DATA").arg(name);
    case Method::Range:
        return QStringLiteral("CALL %1(%2, %3, %4)")
            .arg(function("timescaledb", "refresh_continuous_aggregate"), pg::quoteLiteral(name), boundary(spec.from),
                 boundary(spec.to));
    case Method::Delta:
        return candidate.delta;
    case Method::Ivm:
        return QStringLiteral("SELECT %1(%2, true)").arg(function("pg_ivm", "refresh_immv"), pg::quoteLiteral(name));
    }
    return {};
}

} // namespace tidemark::refresh
