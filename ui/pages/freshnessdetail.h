// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshevent.h"
#include "core/store/historystore.h"
#include "ui/models/freshnessmodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/detailreader.h"
#include "ui/widgets/detailpanel.h"

#include <QTimer>

class QAction;
class QLineEdit;

namespace tidemark::ui {

class DependencyGraphView;
class MessageBar;
class TimeChart;

/// The selected refreshable in full: facts, history, dependencies, definition, and its target, which can be set here.
/// History and definition are read off the GUI thread, a moment after the selection came to rest.
class FreshnessDetail : public DetailPanel
{
    Q_OBJECT

public:
    explicit FreshnessDetail(const PageContext &context, QWidget *parent = nullptr);

    /// `database` is the one the row is of.
    void show(const FreshnessRow &row, const std::shared_ptr<const DatabaseSnapshot> &database, Instant now);
    void showNothing();
    void setNow(Instant now);
    /// The keyboard goes to the target of what is shown.
    void editTarget();

Q_SIGNALS:
    void refreshableRequested(const QString &server, const QString &database, quint32 oid);
    void refreshLogRequested(const tidemark::ui::ObjectRef &object);
    /// The one that is shown is to be refreshed.
    void refreshRequested();

private:
    [[nodiscard]] DatabaseRef databaseRef() const;
    void addActions();
    void addTargetEditor();
    void updateFacts();
    [[nodiscard]] bool isKnownRoughly() const;
    void updateCharts();
    void readHistory();
    void readDefinition();
    void saveTarget();
    [[nodiscard]] QList<Fact> stateFacts() const;
    [[nodiscard]] QList<Fact> propertyFacts() const;
    [[nodiscard]] QList<Fact> aggregateFacts() const;

    PageContext m_context;
    std::optional<FreshnessRow> m_row;
    std::shared_ptr<const DatabaseSnapshot> m_database;
    Instant m_now;
    Instant m_drawnAt;
    std::vector<RefreshEvent> m_events;
    std::optional<RelationDetail> m_detail;
    QTimer m_settled;
    LatestOnly m_history;
    LatestOnly m_reading;
    LatestOnly m_saving;
    QAction *m_refreshLog;
    TimeChart *m_age;
    TimeChart *m_durations;
    DependencyGraphView *m_graph;
    QLineEdit *m_target;
    MessageBar *m_targetMessage;
    MessageBar *m_message;
};

/// The statement that would refresh it, for copying: plain, or CONCURRENTLY where PostgreSQL would accept that. Empty for
/// kinds that are not refreshed by one statement.
[[nodiscard]] QString refreshStatement(const Refreshable &refreshable, const pg::Capabilities &capabilities);

} // namespace tidemark::ui
