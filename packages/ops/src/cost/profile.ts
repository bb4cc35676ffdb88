/**
 * The activity of members on a stage in one month, which determines its bill. The fields contain every assumption of
 * the forecast.
 */
export interface LoadProfile {
  readonly name: string;
  readonly users: number;
  /** Number of requests to the API. */
  readonly requests: number;
  /** Mean duration of a request, in milliseconds. */
  readonly requestMilliseconds: number;
  /** Mean size of a response with its headers, in KB. */
  readonly answerKb: number;
  /**
   * The app's files that phones request from CloudFront: their number, the number of pages among them, and their mean
   * size in KB. CloudFront loads a page from the bucket each time.
   */
  readonly appFiles: number;
  readonly appPages: number;
  readonly appFileKb: number;
  /**
   * The profile pictures that phones load: their number, the share that CloudFront answers from its cache, and their
   * mean size in KB. A phone keeps a picture for a day, CloudFront for an hour.
   */
  readonly pictureLoads: number;
  readonly pictureEdgeShare: number;
  readonly pictureKb: number;
  /** The share of requests with a cold start, and the duration of a cold start, which Lambda charges. */
  readonly coldStartShare: number;
  readonly coldStartMilliseconds: number;
  /** Number of writing requests. Each arms a sweep, unless another request of the same half minute has done so. */
  readonly acts: number;
  /** Number of events for Markov. */
  readonly events: number;
  /** Mean number of attempts to deliver an event. */
  readonly attemptsPerEvent: number;
  /** Number of photos submitted as evidence, and their mean size in MB. */
  readonly photos: number;
  readonly photoMb: number;
  /** Number of views of a photo, and of its thumbnail of 30 KB. */
  readonly viewsPerPhoto: number;
  readonly thumbnailViewsPerPhoto: number;
  /** Number of months for which photos have been collected. */
  readonly monthsOfPhotos: number;
  readonly mails: number;
  /**
   * Number of hours a month in which a database with auto-pause runs. Aurora pauses at the earliest after five
   * minutes without a session.
   */
  readonly databaseAwakeHours: number;
  /** Mean capacity of the running database's writer, in ACU. The minimum is 0.5. */
  readonly databaseAcu: number;
  readonly databaseGb: number;
  readonly cacheGb: number;
}

const NOTHING: LoadProfile = {
  name: "idle",
  users: 0,
  requests: 0,
  requestMilliseconds: 60,
  answerKb: 4,
  appFiles: 0,
  appPages: 0,
  appFileKb: 4,
  pictureLoads: 0,
  pictureEdgeShare: 0.5,
  pictureKb: 10,
  coldStartShare: 0.01,
  coldStartMilliseconds: 800,
  acts: 0,
  events: 0,
  attemptsPerEvent: 1.02,
  photos: 0,
  photoMb: 2,
  viewsPerPhoto: 1,
  thumbnailViewsPerPhoto: 10,
  monthsOfPhotos: 12,
  mails: 0,
  databaseAwakeHours: 0,
  databaseAcu: 0.5,
  databaseGb: 0,
  cacheGb: 0,
};

/** A month without activity; storage is empty. */
export const IDLE: LoadProfile = NOTHING;

const REQUESTS_PER_USER = 240;
/**
 * Number of pages that a member loads: one on each of 20 days. The phone keeps the app's files until the next
 * version: one version a week, with ten new files of 5 KB.
 */
const PAGES_PER_USER = 20;
const FILES_PER_USER = PAGES_PER_USER + 4 * 10;
/** On each of these 20 days, a member sees the pictures of five other members. */
const PICTURES_PER_USER = PAGES_PER_USER * 5;
/** Totals of a year of 10,000 users (docs/spec/infrastructure.md §7). */
const YEAR_OF_10_000 = { tasks: 50_000, contributions: 100_000, photos: 200_000, vouches: 50_000, votes: 300_000 };
/** Factor that converts these totals to a month of one user. */
const OF_ONE_USER = 1 / 12 / 10_000;

/**
 * Returns the load of a month with this number of users, at the end of the first year. Volumes grow with the users.
 * The database's capacity is an estimate: 3 ms of CPU a request (1 ACU is about a quarter of a vCPU), a peak of four
 * times the mean, 50 % utilisation, and at least 0.5 ACU.
 */
export function profileOf(users: number): LoadProfile {
  const { tasks, contributions, photos, vouches, votes } = YEAR_OF_10_000;
  const month = (yearly: number) => Math.round(yearly * OF_ONE_USER * users);
  const requests = REQUESTS_PER_USER * users;
  const requestsPerSecond = requests / (730 * 3600);
  return {
    ...NOTHING,
    name: `${users.toLocaleString("en")} users`,
    users,
    requests,
    appFiles: FILES_PER_USER * users,
    appPages: PAGES_PER_USER * users,
    pictureLoads: PICTURES_PER_USER * users,
    acts: month(tasks + contributions + photos + vouches + votes),
    events: month(contributions + photos + vouches),
    photos: month(photos),
    mails: users,
    databaseAwakeHours: 730,
    databaseAcu: Math.max(0.5, (requestsPerSecond * 4 * 0.003) / 0.25 / 0.5),
    databaseGb: 0.000_31 * users, // 10 KB of them the profile picture
    cacheGb: 0.1 + 0.000_004 * users,
  };
}

/**
 * Number of hours in which the database of a community with meetings runs: nine evenings of three hours, and 15
 * minutes on each of the other days.
 */
const HOURS_OF_MEETINGS = 9 * 3 + 21 * 0.25;

/** A small community that meets at appointed times, like a neighbourhood; the database auto-pauses in between. */
export const SMALL_COMMUNITY: LoadProfile = {
  ...profileOf(300),
  name: "300 members who meet twice a week",
  databaseAwakeHours: HOURS_OF_MEETINGS,
};

/** The same community with visits spread over 14 hours of each day, so that the database hardly ever pauses. */
export const SPREAD_COMMUNITY: LoadProfile = {
  ...SMALL_COMMUNITY,
  name: "300 members, each at another hour",
  databaseAwakeHours: 14 * 30,
};

/** The number of loads of profile pictures in a month that miss the caches of CloudFront. Each is a request to the API. */
export const picturesFromApi = ({ pictureLoads, pictureEdgeShare }: LoadProfile): number =>
  pictureLoads * (1 - pictureEdgeShare);
