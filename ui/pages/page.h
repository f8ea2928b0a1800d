// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/roles.h"
#include "ui/models/snapshots.h"
#include "ui/pages/pagecontext.h"

#include <QTimer>
#include <QWidget>

#include <functional>

class QStackedLayout;
class QVBoxLayout;

namespace tidemark::ui {

class Chart;
class DataTable;
class DataTree;
class EmptyState;
class MessageBar;

/// What a page says where it has nothing to show.
struct EmptyText
{
    QString icon;
    QString title;
    QString sentence;
    QString action;        ///< empty: none. It triggers emptyActionTriggered() of the page
    QString otherAction{}; ///< the same with otherEmptyActionTriggered()
};

/// The id of the page that lists things of this kind; empty for a server, which only narrows the scope.
[[nodiscard]] QString pageIdOf(ObjectKind kind);

/// A page of the main window. The base decides which of the four states is shown and keeps the clock of the ages; a page
/// gives its content and, for each new set of snapshots, puts them in.
///
/// Loading: nothing was ever read in scope. Empty: it was, and isEmpty(). Stale: a server or a part of it fails, what was
/// last known stays, greyed, under a bar that says why. Failed: it fails and nothing was ever read. A page that is not
/// seen is not updated; it catches up when shown.
class Page : public QWidget
{
    Q_OBJECT

public:
    enum class State { NoServer, Loading, Empty, Live, Stale, Failed };

    Page(const QString &id, const QString &title, const QString &iconName, const PageContext &context,
         QWidget *parent = nullptr);
    ~Page() override;

    [[nodiscard]] QString id() const { return m_id; }
    [[nodiscard]] QString title() const { return m_title; }
    [[nodiscard]] QString iconName() const { return m_iconName; }
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const Scope &scope() const { return m_scope; }
    [[nodiscard]] const Snapshots &snapshots() const { return m_snapshots; }
    [[nodiscard]] Moments moments() const;
    [[nodiscard]] bool isReplaying() const;

    void setScope(const Scope &scope);
    /// All watched servers. While a moment is replayed they are the replayed ones.
    void setSnapshots(const Snapshots &snapshots);

    /// The filter of the header; pages without rows ignore it.
    virtual void setFilterText(const QString &) {}
    /// Goes into the splitter's right half; null: the page has none. Owned by the page's user once asked for.
    [[nodiscard]] virtual QWidget *detailWidget() { return nullptr; }
    /// Shows this object, selected; false when it is not one of this page.
    virtual bool showObject(const ObjectRef &) { return false; }
    /// Where the keyboard goes when the page is entered.
    [[nodiscard]] virtual QWidget *mainWidget() { return this; }
    /// Layout of tables and splitters as text, kept by the main window under the page's id.
    [[nodiscard]] virtual QString saveLayout() const { return {}; }
    virtual void restoreLayout(const QString &) {}
    /// How many things need attention in scope, and how loudly. Called for pages that are not shown, too: keep it cheap.
    struct Badge
    {
        int count = 0;
        Severity severity = Severity::Notice;
        friend bool operator==(const Badge &, const Badge &) = default;
    };
    [[nodiscard]] virtual Badge badge(const Snapshots &, const Moments &) const { return {}; }

    /// Charts and tables that can be exported now.
    [[nodiscard]] QList<Chart *> charts() const;
    [[nodiscard]] QList<DataTable *> tables() const;
    [[nodiscard]] QList<DataTree *> trees() const;
    /// All that the page shows first is there: what it asks of the local store as well.
    [[nodiscard]] virtual bool isFilled() const { return m_state != State::NoServer && m_state != State::Loading; }
    /// Why it shows nothing, or not what is now; empty where it shows what is.
    [[nodiscard]] QString trouble() const;

public Q_SLOTS:
    void exportChart(tidemark::ui::Chart *chart);
    void exportTable(tidemark::ui::DataTable *table);
    void exportTree(tidemark::ui::DataTree *tree);

Q_SIGNALS:
    void stateChanged();
    /// A click that leads elsewhere.
    void objectRequested(const tidemark::ui::ObjectRef &object);
    void connectRequested();
    void retryRequested(const QString &server);
    void databasesRequested(const QString &server);
    /// What the user wants to do is done in the detail panel.
    void detailRequested();
    void refreshLogRequested(const tidemark::ui::ObjectRef &object);
    void refreshRequested(const tidemark::ui::ObjectRef &object, bool withDependents);
    /// What is to be done is done on the page of this id.
    void otherPageRequested(const QString &id);
    /// The user picked a moment of the past.
    void replayRequested(tidemark::Instant at);
    void emptyActionTriggered();
    void otherEmptyActionTriggered();

protected:
    /// Once, from the constructor of the page.
    void setContent(QWidget *content);
    /// New snapshots in scope: merge them into the models. Only called while the page is seen.
    virtual void updateContent(const Snapshots &inScope) = 0;
    /// The clock moved on. Called about once a second while the page is seen and live.
    virtual void updateAges(const Moments &) {}
    /// Whether the collector that this page lives on has ever delivered for this database.
    [[nodiscard]] virtual bool hasData(const ServerSnapshot &server, const DatabaseSnapshot &database) const = 0;
    /// The page tells of each server's failure itself, so that one that fails does not take the page away.
    [[nodiscard]] virtual bool showsFailures() const { return false; }
    /// Nothing to show although all was read.
    [[nodiscard]] virtual bool isEmpty() const { return false; }
    [[nodiscard]] virtual EmptyText emptyText() const = 0;
    /// Keys of DatabaseSnapshot::errors that concern this page.
    [[nodiscard]] virtual QStringList collectors() const { return {}; }
    [[nodiscard]] const PageContext &context() const { return m_context; }
    /// Runs the update again, for example when a load from the local store changed what is empty.
    void refresh();
    /// The page tells of what was recorded. Where the local store cannot be used it says so above its content, and never
    /// that nothing was recorded.
    [[nodiscard]] virtual bool showsHistory() const { return false; }
    /// The local store did not tell what the page asked it for; nothing: it did.
    void setReadError(const std::optional<Error> &error);
    /// Why what was recorded is not known in full: the store could not be opened, was not read, or takes nothing now.
    [[nodiscard]] std::optional<Error> storeError() const;

    void showEvent(QShowEvent *event) override;

private:
    void decideState(const Snapshots &inScope);
    [[nodiscard]] Snapshots inScope() const;
    void connectExports();
    void exportCsv(const QString &title, std::function<QString()> csv);

    QString m_id;
    QString m_title;
    QString m_iconName;
    PageContext m_context;
    Scope m_scope;
    Snapshots m_snapshots;
    State m_state = State::NoServer;
    std::optional<Error> m_readError;
    bool m_behind = false;
    QString m_failedServer;
    QTimer m_clock;
    MessageBar *m_message;
    EmptyState *m_empty;
    QStackedLayout *m_stack;
    QWidget *m_content = nullptr;
};

} // namespace tidemark::ui
