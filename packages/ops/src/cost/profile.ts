/**
 * The activity of members on a stage in one month, which determines its bill. Every assumption of the forecast is a
 * field here.
 */
export interface LoadProfile {
  readonly name: string;
  readonly users: number;
  /** Requests to the API. */
  readonly requests: number;
  /** Mean duration of a request, in milliseconds. */
  readonly requestMilliseconds: number;
  /** Mean size of a response with its headers, in KB. */
  readonly answerKb: number;
  /** Files of the app that phones ask CloudFront for, and their mean size in KB; pages among them come from the bucket each time. */
  readonly appFiles: number;
  readonly appPages: number;
  readonly appFileKb: number;
  /** The share of requests with a cold start, and its duration, which Lambda charges. */
  readonly coldStartShare: number;
  readonly coldStartMilliseconds: number;
  /** Writing requests: each arms a sweep, unless another one of the same half minute has. */
  readonly acts: number;
  /** Events for Markov. */
  readonly events: number;
  /** Mean attempts to deliver an event. */
  readonly attemptsPerEvent: number;
  /** Photographs submitted as evidence, and their mean size in MB. */
  readonly photos: number;
  readonly photoMb: number;
  /** How often a photograph, and its thumbnail of 30 KB, are viewed. */
  readonly viewsPerPhoto: number;
  readonly thumbnailViewsPerPhoto: number;
  /** For how many months photographs have been collected. */
  readonly monthsOfPhotos: number;
  readonly mails: number;
  /**
   * Hours a month in which a database with auto-pause runs. Aurora pauses at the earliest after five minutes without a
   * session.
   */
  readonly databaseAwakeHours: number;
  /** Mean capacity of the running database's writer, in ACU. The smallest is 0.5. */
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
/** A member opens the app on 20 days; its phone keeps the files until the next version, one a week, with ten new ones of 5 KB. */
const PAGES_PER_USER = 20;
const FILES_PER_USER = PAGES_PER_USER + 4 * 10;
/** A year of 10,000 users (docs/spec/infrastructure.md §7). */
const YEAR_OF_10_000 = { tasks: 50_000, contributions: 100_000, photos: 200_000, vouches: 50_000, votes: 300_000 };
/** The same as a month of one user. */
const OF_ONE_USER = 1 / 12 / 10_000;

/**
 * The month of this many users, at the end of the first year. Volumes grow with the users; the database's capacity is
 * an estimate: 3 ms of CPU a request (1 ACU is about a quarter of a vCPU), a peak of four times the mean, half
 * utilised, and at least 0.5 ACU.
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
    acts: month(tasks + contributions + photos + vouches + votes),
    events: month(contributions + photos + vouches),
    photos: month(photos),
    mails: users,
    databaseAwakeHours: 730,
    databaseAcu: Math.max(0.5, (requestsPerSecond * 4 * 0.003) / 0.25 / 0.5),
    databaseGb: 0.0003 * users,
    cacheGb: 0.1 + 0.000_004 * users,
  };
}

/**
 * Hours in which the database of a community with meetings runs: nine evenings of three hours, and 15 minutes on each
 * of the other days.
 */
const HOURS_OF_MEETINGS = 9 * 3 + 21 * 0.25;

/** A small community that meets at appointed times, as neighbourhoods do: the database pauses in between. */
export const SMALL_COMMUNITY: LoadProfile = {
  ...profileOf(300),
  name: "300 members who meet twice a week",
  databaseAwakeHours: HOURS_OF_MEETINGS,
};

/** The same community with visits spread over 14 hours of each day: the database hardly ever pauses. */
export const SPREAD_COMMUNITY: LoadProfile = {
  ...SMALL_COMMUNITY,
  name: "300 members, each at another hour",
  databaseAwakeHours: 14 * 30,
};
