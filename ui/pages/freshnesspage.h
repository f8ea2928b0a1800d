// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/freshnessmodel.h"
#include "ui/pages/page.h"

class QAction;

namespace tidemark::ui {

class FreshnessDetail;

/// Everything that can be brought up to date, worst first, and the selected one in full.
class FreshnessPage : public Page
{
    Q_OBJECT

public:
    explicit FreshnessPage(const PageContext &context, QWidget *parent = nullptr);

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *detailWidget() override;
    bool showObject(const ObjectRef &object) override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;
    [[nodiscard]] Badge badge(const Snapshots &snapshots, const Moments &moments) const override;

protected:
    void updateContent(const Snapshots &inScope) override;
    void updateAges(const Moments &moments) override;
    [[nodiscard]] bool hasData(const ServerSnapshot &server, const DatabaseSnapshot &database) const override;
    [[nodiscard]] bool isEmpty() const override;
    [[nodiscard]] EmptyText emptyText() const override;
    [[nodiscard]] QStringList collectors() const override;

private:
    void addTableActions();
    void requestRefresh(bool withDependents);
    void updateDetail();
    bool select(const QString &server, const QString &database, quint32 oid, const pg::QualifiedName &name);

    FreshnessModel *m_model;
    DataTable *m_table;
    FreshnessDetail *m_detail;
    QAction *m_refresh = nullptr;
    QAction *m_refreshAll = nullptr;
};

} // namespace tidemark::ui
