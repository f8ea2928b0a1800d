// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/capturecatalog.h"
#include "core/capture/reconciler.h"
#include "tests/support/testdatabase.h"

namespace tidemark::test {

/// A table that is captured, and a target that follows it: the bare mechanics of a staged migration, step by step, for
/// tests that come between the steps. A step that fails fails the test; `failed()` tells the caller to stop.
class CaptureScene
{
public:
    CaptureScene(TestDatabase &database, pg::QualifiedName source, pg::QualifiedName target,
                 pg::SessionOptions driver = writable());

    [[nodiscard]] bool failed() const { return m_failed; }
    [[nodiscard]] pg::Session &driver();
    [[nodiscard]] const CaptureSpec &capture() const { return m_capture; }
    [[nodiscard]] ReconcileSpec &spec() { return m_spec; }
    /// One for the driver's session and the spec as it is now.
    [[nodiscard]] Reconciler reconciler() { return {driver(), m_spec}; }

    /// Log and functions. Empty `key`: the best the table has.
    void prepare(const QStringList &key = {}, std::optional<CaptureFlavour> flavour = std::nullopt);
    /// Prepares and enables.
    void install(const QStringList &key = {}, std::optional<CaptureFlavour> flavour = std::nullopt);
    void run(const QStringList &statements);
    /// The same in one transaction, for those that may meet a lock.
    [[nodiscard]] Status tryRun(const QStringList &statements);

    /// How many pages the source has; read after install, before the copy.
    [[nodiscard]] qint64 pages();
    /// What copies the rows of some pages, as a statement.
    [[nodiscard]] QByteArray copyPages(qint64 from, qint64 to) const;
    /// Copies everything, `pagesAtOnce` pages a transaction.
    void copy(qint64 pagesAtOnce = 1);

    void purge();
    /// Batches of so many until the log is empty; gives up after a thousand.
    void reconcileAll(qint64 entries = 100);
    /// Locks the source, drains, and compares under the lock: empty where source and target are the same row for row,
    /// byte for byte; else the rows that differ.
    [[nodiscard]] QString differenceAfterDrain();
    [[nodiscard]] Result<QString> tryDifferenceAfterDrain();
    /// Compares without a lock.
    [[nodiscard]] QString difference();
    [[nodiscard]] qint64 pending();

    /// Fails the test.
    void fail(const Error &error, const char *doing);

private:
    [[nodiscard]] QByteArray differenceSql() const;

    TestDatabase &m_database;
    pg::SessionOptions m_options;
    std::optional<pg::Session> m_driver;
    CaptureSpec m_capture;
    ReconcileSpec m_spec;
    bool m_failed = false;
};

} // namespace tidemark::test
