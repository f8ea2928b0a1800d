// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/historystore.h"
#include "ui/models/jobmodel.h"
#include "ui/models/refreshhistorymodel.h"
#include "ui/pages/page.h"
#include "ui/services/asyncrunner.h"

class QComboBox;
class QLabel;
class QSplitter;
class QTabWidget;

namespace tidemark::ui {

class AlertList;
class DetailPanel;
class RefreshGantt;

/// What was refreshed when, by whom and how long it took, from every source that told; below it the same as a table, by
/// object with percentiles, the scheduled jobs, and the alerts of the last day. Read from the local store off the GUI
/// thread, again a few seconds after something changed.
class HistoryPage : public Page
{
    Q_OBJECT

public:
    explicit HistoryPage(const PageContext &context, QWidget *parent = nullptr);

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *detailWidget() override;
    bool showObject(const ObjectRef &object) override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] bool isFilled() const override { return m_everLoaded && Page::isFilled(); }
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;

protected:
    void updateContent(const Snapshots &inScope) override;
    void updateAges(const Moments &moments) override;
    [[nodiscard]] bool showsHistory() const override { return true; }
    [[nodiscard]] bool hasData(const ServerSnapshot &server, const DatabaseSnapshot &database) const override;
    [[nodiscard]] bool isEmpty() const override;
    [[nodiscard]] EmptyText emptyText() const override;
    [[nodiscard]] QStringList collectors() const override;

private:
    struct Loaded
    {
        std::vector<RefreshRow> rows; ///< those of `read`
        std::optional<Error> error;
        TimeRange range;
        TimeRange read;     ///< the part of the range that was read; what is older stays
        qint64 counted = 0; ///< all of the range, where not all could be listed
    };

    [[nodiscard]] QWidget *makeControls();
    [[nodiscard]] QWidget *makeTables();
    [[nodiscard]] TimeRange chosenRange() const;
    /// All of the chosen hours.
    void load();
    /// What came since, and what may have been told more of.
    void loadNew();
    void read(const TimeRange &part);
    void showMore(qint64 counted);
    void take(Loaded loaded);
    void applyFilters();
    void updateSources();
    void selectEvent(const QString &server, const QString &database, qint64 event);
    void updateDetail();
    void showRefresh(const RefreshRow &row);
    void showSummary(const RefreshSummary &row);
    void showJob(const JobRow &row);
    void tellStoreError();

    RefreshHistoryModel *m_refreshes;
    RefreshSummaryModel *m_summaries;
    JobModel *m_jobs;
    RefreshGantt *m_gantt;
    DataTable *m_refreshesView;
    DataTable *m_summariesView;
    DataTable *m_jobsView;
    AlertList *m_alertsView;
    QTabWidget *m_tabs;
    QSplitter *m_split;
    QComboBox *m_hours;
    QComboBox *m_source;
    QComboBox *m_result;
    QLabel *m_more;
    DetailPanel *m_detail;

    QStringList m_words;              ///< of the filter
    std::vector<RefreshRow> m_loaded; ///< of the chosen hours, unfiltered
    std::vector<DatabasePart<FreshnessSnapshot>> m_seen;
    TimeRange m_range{};
    Scope m_loadedScope;
    bool m_everLoaded = false;
    QTimer m_reload;
    LatestOnly m_loading;
    std::optional<Error> m_loadError;
};

} // namespace tidemark::ui
